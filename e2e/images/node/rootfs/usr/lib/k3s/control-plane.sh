# The Kubernetes API server, the controllers and the scheduler.

admin() { kubectl --kubeconfig "$pki/admin.conf" "$@"; }

admin_apply() { admin apply --server-side --force-conflicts "$@" >>"$logs/manifests.log" 2>&1; }

start_apiserver() {
  local -a options=(
    --etcd-servers=http://127.0.0.1:2379 --secure-port=6443 --advertise-address="$address"
    --client-ca-file="$pki/ca.crt" --tls-cert-file="$pki/server.crt" --tls-private-key-file="$pki/server.key"
    --token-auth-file="$pki/tokens.csv" --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction
    --service-account-key-file="$pki/sa.key" --service-account-signing-key-file="$pki/sa.key"
    --service-account-issuer="https://kubernetes.default.svc.$cluster_domain" --service-cluster-ip-range="$service_cidr"
    --kubelet-client-certificate="$pki/admin.crt" --kubelet-client-key="$pki/admin.key"
    --kubelet-preferred-address-types=InternalIP,Hostname --allow-privileged=true
    --requestheader-client-ca-file="$pki/ca.crt" --requestheader-username-headers=X-Remote-User
    --requestheader-group-headers=X-Remote-Group --requestheader-extra-headers-prefix=X-Remote-Extra-
    --proxy-client-cert-file="$pki/admin.crt" --proxy-client-key-file="$pki/admin.key" --enable-aggregator-routing=true
    "${apiserver_args[@]}"
  )
  info "Running kube-apiserver ${options[*]}"
  start apiserver kube-apiserver "${options[@]}"
}

apiserver_ready() { until_ready apiserver admin get --raw /readyz; }

# Several servers choose one to lead; a lone one would only wait for the lease of its last run to end.
start_controllers() {
  local lead=false
  [[ -z $cluster_init$url ]] || lead=true
  start controller kube-controller-manager --kubeconfig="$pki/controller.conf" --leader-elect=$lead \
    --root-ca-file="$pki/ca.crt" --service-account-private-key-file="$pki/sa.key" --use-service-account-credentials \
    --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
    --allocate-node-cidrs --cluster-cidr="$cluster_cidr" --kube-api-qps=1000 --kube-api-burst=2000 "${controller_args[@]}"
  start scheduler kube-scheduler --kubeconfig="$pki/scheduler.conf" --leader-elect=$lead "${scheduler_args[@]}"
}
