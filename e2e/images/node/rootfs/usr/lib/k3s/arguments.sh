# The arguments and the environment of a node, as k3s has them.

declare -a tls_sans=() disabled=() node_labels=() node_taints=()
declare -a apiserver_args=() controller_args=() scheduler_args=() kubelet_args=() proxy_args=() etcd_args=()
node=${K3S_NODE_NAME:-$(hostname)} url=${K3S_URL:-} token=${K3S_TOKEN:-} address='' cluster_init=''
kubeconfig_output=${K3S_KUBECONFIG_OUTPUT:-} kubeconfig_mode=${K3S_KUBECONFIG_MODE:-600} resolv_conf=${K3S_RESOLV_CONF:-}
cluster_cidr=10.42.0.0/16 service_cidr=10.43.0.0/16 cluster_dns=10.43.0.10 cluster_domain=cluster.local

# Reads the arguments after the role. One that is not known ends the node, as it does with k3s.
arguments() {
  local flag value
  while [[ $# -gt 0 ]]; do
    flag=$1 value='' && shift
    case $flag in
      --*=*) value=${flag#*=} flag=${flag%%=*} ;;
      --cluster-init | --debug | --disable-network-policy | --disable-cloud-controller | --disable-helm-controller | \
        --embedded-registry | --etcd-expose-metrics | --secrets-encryption | --prefer-bundled-bin) value=true ;;
      -*)
        [[ $# -gt 0 ]] || fatal "flag needs an argument: $flag"
        value=$1 && shift
        ;;
    esac
    argument "$flag" "$value"
  done
  # k3s's own form of a token has a hash of the authority in front: K10<hash>::<user>:<password>.
  token=${token##*:}
}

# Takes one argument; the last line is those that k3s knows and that change nothing here.
argument() {
  case $1 in
    --tls-san) IFS=, read -ra more <<<"$2" && tls_sans+=("${more[@]}") ;;
    --disable) IFS=, read -ra more <<<"$2" && disabled+=("${more[@]}") ;;
    --node-label) node_labels+=("$2") ;;
    --node-taint) node_taints+=("$2") ;;
    --node-name) node=$2 ;;
    --node-ip) address=$2 ;;
    --server | -s) url=$2 ;;
    --token | -t) token=$2 ;;
    --cluster-init) [[ $2 != true ]] || cluster_init=yes ;;
    --cluster-cidr) cluster_cidr=$2 ;;
    --service-cidr) service_cidr=$2 ;;
    --cluster-dns) cluster_dns=$2 ;;
    --cluster-domain) cluster_domain=$2 ;;
    --write-kubeconfig | -o) kubeconfig_output=$2 ;;
    --write-kubeconfig-mode) kubeconfig_mode=$2 ;;
    --resolv-conf) resolv_conf=$2 ;;
    --kube-apiserver-arg) apiserver_args+=("--$2") ;;
    --kube-controller-manager-arg) controller_args+=("--$2") ;;
    --kube-scheduler-arg) scheduler_args+=("--$2") ;;
    --kubelet-arg) kubelet_args+=("--$2") ;;
    --kube-proxy-arg) proxy_args+=("--$2") ;;
    --etcd-arg) etcd_args+=("--$2") ;;
    --debug | --disable-network-policy | --disable-cloud-controller | --disable-helm-controller | --embedded-registry | \
      --etcd-expose-metrics | --secrets-encryption | --prefer-bundled-bin | --flannel-backend | --snapshotter | -v) ;;
    *) fatal "flag provided but not defined: $1" ;;
  esac
}

is_disabled() { [[ " ${disabled[*]} " == *" $1 "* ]]; }
