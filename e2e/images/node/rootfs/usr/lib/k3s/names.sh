# The nodes' names in the cluster's DNS: key NodeHosts of CoreDNS's ConfigMap, as k3s keeps it.

# Gives host name $1 the address $2 and leaves the other lines: other tools have theirs here.
host_name() {
  local hosts
  hosts=$(admin get configmap coredns -n kube-system --ignore-not-found -o jsonpath='{.data.NodeHosts}' 2>/dev/null) || return 0
  ! grep -qxF "$2 $1" <<<"$hosts" || return 0
  hosts=$(grep -vE " $1\$" <<<"$hosts" || true)
  admin_apply --field-manager=k3s-nodes -f - <<YAML || true
apiVersion: v1
kind: ConfigMap
metadata: {name: coredns, namespace: kube-system}
data:
  NodeHosts: |
$(printf '%s\n' "$hosts" "$2 $1" | sed -nE '/./s/^/    /p')
YAML
}
