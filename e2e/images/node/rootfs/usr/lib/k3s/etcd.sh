# etcd, on this server alone or with those of other servers. Members know each other by host name: addresses change.

etcd_configuration() {
  cat <<YAML
name: $node
data-dir: $data/server/db/etcd
log-level: warn
listen-client-urls: http://127.0.0.1:2379,https://$address:2379
advertise-client-urls: https://$node:2379
client-transport-security: {client-cert-auth: true, trusted-ca-file: $pki/ca.crt, cert-file: $pki/server.crt, key-file: $pki/server.key}
listen-peer-urls: https://0.0.0.0:2380
initial-advertise-peer-urls: https://$node:2380
peer-transport-security: {client-cert-auth: true, trusted-ca-file: $pki/ca.crt, cert-file: $pki/server.crt, key-file: $pki/server.key}
initial-cluster: $1
initial-cluster-state: $2
unsafe-no-fsync: true
YAML
}

start_etcd() {
  local members="$node=https://$node:2380" state=new
  if [[ -n $url && ! -d $data/server/db/etcd/member ]]; then members=$(join_etcd) state=existing; fi
  mkdir -p "$data/server/db"
  etcd_configuration "$members" $state >"$data/server/db/etcd.yaml"
  start etcd etcd --config-file "$data/server/db/etcd.yaml" "${etcd_args[@]}"
}

# Makes this server a member and prints the members. One joins at a time; the others try again.
join_etcd() {
  local server=${url#https://} answer
  until answer=$(member_add "${server%:*}" 2>>"$logs/etcd-join.log"); do sleep 0.5; done
  sed -nE 's/^ETCD_INITIAL_CLUSTER="(.*)"/\1/p' <<<"$answer"
}

member_add() {
  ETCDCTL_API=3 etcdctl --endpoints "https://$1:2379" --cacert "$pki/ca.crt" --cert "$pki/server.crt" --key "$pki/server.key" \
    member add "$node" --peer-urls "https://$node:2380"
}

# Takes the address of the last run out of the Service "kubernetes", where it would stay until its lease ends.
forget_address() {
  local last && last=$(cat "$data/server/address" 2>/dev/null) || true
  if [[ -n $last && $last != "$address" ]]; then
    until_ready etcd env ETCDCTL_API=3 etcdctl --endpoints http://127.0.0.1:2379 del "/registry/masterleases/$last"
  fi
  echo "$address" >"$data/server/address"
}
