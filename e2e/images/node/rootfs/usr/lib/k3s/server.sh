# A server: control plane and node in one.

server() {
  info "Starting k3s $version"
  find_address
  start_containerd
  if [[ -n $url ]]; then join_cluster; else authority; fi
  token_file
  server_certificates
  start_etcd
  forget_address
  start_apiserver
  network
  node_certificates https://127.0.0.1:6443
  containerd_ready
  # What its pods need to start lies ready by the time the API server is.
  import_images /opt/images/first
  import_images "$data/agent/images"
  lay_manifests
  # The first node of a cluster gets the first addresses; any other is told.
  [[ -n $url ]] || pod_network "${cluster_cidr%.*.*}.0.0/24"
  apiserver_ready
  start_controllers
  start_kubelet
  publish_kubeconfig
  info "k3s is up and running"
  host_name "$node" "$address"
  start manifests watch_manifests
  info "Cluster dns configmap has been set successfully"
  start nodes watch_nodes
  registered
  role_labels
  offer_joining
  watch_processes
}

# A kubelet may not give itself these.
role_labels() {
  local -a labels=(node-role.kubernetes.io/control-plane=true)
  [[ -z $cluster_init$url ]] || labels+=(node-role.kubernetes.io/etcd=true)
  until_ready apiserver admin label node "$node" --overwrite "${labels[@]}"
}
