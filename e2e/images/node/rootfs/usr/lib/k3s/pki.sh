# Certificates. The authority lives as long as the data volume; the rest is made anew at each start, since addresses change.

# The cluster's authority and the key that signs service account tokens.
authority() {
  [[ ! -f $pki/sa.key ]] || return 0
  elliptic_key "$pki/ca.key"
  openssl req -x509 -new -key "$pki/ca.key" -days 3650 -subj "/CN=k3s-server-ca@$EPOCHSECONDS" -out "$pki/ca.crt"
  elliptic_key "$pki/sa.key"
}

elliptic_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1"; }

# certificate NAME SUBJECT [ALTERNATIVE NAMES]
certificate() {
  local file=$pki/$1
  elliptic_key "$file.key"
  openssl req -new -key "$file.key" -subj "$2" -out "$file.csr"
  {
    echo "extendedKeyUsage=serverAuth,clientAuth"
    echo "keyUsage=digitalSignature,keyEncipherment"
    [[ -z ${3:-} ]] || echo "subjectAltName=$3"
  } >"$file.ext"
  # A serial number of its own: the file with the last one would be shared by those that run side by side.
  openssl x509 -req -in "$file.csr" -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -set_serial "0x$(openssl rand -hex 16)" \
    -days 3650 -out "$file.crt" -extfile "$file.ext" 2>/dev/null
}

# client NAME SUBJECT SERVER [ALTERNATIVE NAMES]: a certificate and a kubeconfig with it.
client() {
  certificate "$1" "$2" "${4:-}"
  kubeconfig "$pki/$1.conf" "$1" "$3"
}

# kubeconfig FILE CERTIFICATE SERVER. The entries are named as k3s names them; k3d reads them by that name.
kubeconfig() {
  cat >"$1" <<YAML
apiVersion: v1
kind: Config
clusters:
- name: default
  cluster:
    certificate-authority-data: $(base64 -w0 "$pki/ca.crt")
    server: $3
contexts:
- name: default
  context:
    cluster: default
    user: default
current-context: default
preferences: {}
users:
- name: default
  user:
    client-certificate-data: $(base64 -w0 "$pki/$2.crt")
    client-key-data: $(base64 -w0 "$pki/$2.key")
YAML
  chmod 600 "$1"
}

# What only a server has.
server_certificates() {
  local names="DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.$cluster_domain"
  names+=",DNS:localhost,DNS:$node,IP:127.0.0.1,IP:0.0.0.0,IP:${service_cidr%.*}.1,IP:$address"
  local name here=https://127.0.0.1:6443
  for name in "${tls_sans[@]}"; do
    if [[ $name =~ ^[0-9.]+$|: ]]; then names+=",IP:$name"; else names+=",DNS:$name"; fi
  done
  (
    certificate server "/CN=k3s" "$names" &
    client admin "/O=system:masters/CN=system:admin" $here &
    client controller "/CN=system:kube-controller-manager" $here &
    client scheduler "/CN=system:kube-scheduler" $here &
    wait
  )
}

# What every node has; $1 is the API server it talks to.
node_certificates() {
  (
    client kubelet "/O=system:nodes/CN=system:node:$node" "$1" "DNS:$node,IP:$address" &
    client proxy "/CN=system:kube-proxy" "$1" &
    wait
  )
}

# The administrator's kubeconfig, where k3s leaves it and where it was asked for.
publish_kubeconfig() {
  install -D -m "$kubeconfig_mode" "$pki/admin.conf" "$etc/k3s.yaml"
  # Whole or not at all: it is read from outside as soon as it is there.
  if [[ -n $kubeconfig_output && $kubeconfig_output != "$etc/k3s.yaml" ]]; then
    install -D -m "$kubeconfig_mode" "$pki/admin.conf" "$kubeconfig_output.new"
    mv "$kubeconfig_output.new" "$kubeconfig_output"
  fi
}
