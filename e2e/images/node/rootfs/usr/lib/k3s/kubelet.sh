# The kubelet and kube-proxy.

kubelet_configuration() {
  cat <<YAML
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, webhook: {enabled: true}, x509: {clientCAFile: $pki/ca.crt}}
authorization: {mode: Webhook}
tlsCertFile: $pki/kubelet.crt
tlsPrivateKeyFile: $pki/kubelet.key
cgroupDriver: cgroupfs
clusterDNS: [$cluster_dns]
clusterDomain: $cluster_domain
containerRuntimeEndpoint: unix://$containerd_socket
resolvConf: $resolv_conf
failSwapOn: false
kubeAPIQPS: 500
kubeAPIBurst: 1000
registryPullQPS: 0
serializeImagePulls: false
# The disk is the whole machine's, and how full it is says nothing about this node.
evictionHard: {nodefs.available: "0%", nodefs.inodesFree: "0%", imagefs.available: "0%"}
imageGCHighThresholdPercent: 100
YAML
}

start_kubelet() {
  local labels="node.kubernetes.io/instance-type=k3s" label taints
  for label in "${node_labels[@]}"; do labels+=",$label"; done
  taints=$(IFS=, && echo "${node_taints[*]}")
  resolver
  kubelet_configuration >"$data/agent/etc/kubelet.yaml"
  start kubelet kubelet --config="$data/agent/etc/kubelet.yaml" --kubeconfig="$pki/kubelet.conf" --hostname-override="$node" \
    --node-ip="$address" --node-labels="$labels" ${taints:+--register-with-taints="$taints"} "${kubelet_args[@]}"
  # Its other settings of the kernel are the machine's, and not a container's to change.
  start proxy kube-proxy --kubeconfig="$pki/proxy.conf" --cluster-cidr="$cluster_cidr" --hostname-override="$node" \
    --conntrack-max-per-core=0 --conntrack-tcp-timeout-established=0s --conntrack-tcp-timeout-close-wait=0s "${proxy_args[@]}"
}

# The line that says an agent is in; k3s passes it on from its kubelet.
registered() {
  until_ready kubelet grep -q 'Successfully registered node' "$logs/kubelet.log"
  info "Successfully registered node $node"
}
