# containerd: its configuration, the registries it asks, and the images that lie ready.

readonly certs=$data/agent/etc/containerd/certs.d

containerd_configuration() {
  rm -rf "$certs" && mkdir -p "$certs"
  # As in k3s, a change of this file is seen when the node starts again.
  [[ ! -f $etc/registries.yaml ]] || registries "$etc/registries.yaml" "$certs" || fatal "registries.yaml cannot be used"
  cat >"$data/agent/etc/containerd/config.toml" <<TOML
version = 2
root = "$data/agent/containerd"
state = "/run/k3s/containerd"
[grpc]
  address = "$containerd_socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "rancher/mirrored-pause:3.6"
  disable_apparmor = true
  # Where the machine has no CAP_SYS_RESOURCE, a lower score than containerd's own would be refused.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "$data/agent/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$certs"
TOML
}

start_containerd() {
  # Without a tmpfs the sockets of the last run are still here, and nothing behind them.
  rm -rf /run/k3s && mkdir -p /run/k3s/containerd
  containerd_configuration
  start containerd containerd --config "$data/agent/etc/containerd/config.toml"
}

containerd_ready() {
  until_ready containerd ctr version
  info "Containerd is now running"
}

# Imports the images of this folder that have not been imported from there before. The volume remembers.
import_images() {
  local file
  for file in "$1"/*.tar; do
    [[ -e $file && ! $data/agent/imported/${file//\//_} -nt $file ]] || continue
    ctr images import "$file" >>"$logs/images.log" 2>&1 || log error "cannot import $file"
    mkdir -p "$data/agent/imported" && touch "$data/agent/imported/${file//\//_}"
  done
}
