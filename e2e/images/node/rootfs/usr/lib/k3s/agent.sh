# An agent: a node without control plane.

agent() {
  info "Starting k3s agent $version"
  [[ -n $url ]] || fatal "--server is required"
  find_address
  start_containerd
  network
  containerd_ready
  import_images /opt/images/first
  import_images /opt/images
  join_cluster
  node_certificates "$url"
  import_images "$data/agent/images"
  start_kubelet
  start nodes watch_nodes
  registered
  watch_processes
}
