# How further nodes come in: the token opens one Secret, and in it is the cluster's authority.

readonly join_secret=k3s-join join_group=system:k3s-join

# The one entry of the API server's token file. A random token when none was given, as k3s does.
token_file() {
  [[ -n $token ]] || token=$(cat "$data/server/token-secret" 2>/dev/null || openssl rand -hex 16)
  (umask 077 && echo "$token" >"$data/server/token-secret")
  local hash && hash=$(sha256sum "$pki/ca.crt")
  (umask 077 && echo "K10${hash%% *}::server:$token" >"$data/server/token")
  ln -sf "$data/server/token" "$data/server/node-token"
  (umask 077 && echo "\"$token\",k3s-join,k3s-join,\"$join_group\"" >"$pki/tokens.csv")
}

# Puts the authority where the token can read it, and nothing else.
offer_joining() {
  admin_apply -f - <<YAML
apiVersion: v1
kind: Secret
metadata: {name: $join_secret, namespace: kube-system}
data:
  ca.crt: $(base64 -w0 "$pki/ca.crt")
  ca.key: $(base64 -w0 "$pki/ca.key")
  sa.key: $(base64 -w0 "$pki/sa.key")
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: $join_secret, namespace: kube-system}
rules:
- {apiGroups: [""], resources: [secrets], resourceNames: [$join_secret], verbs: [get]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: $join_secret, namespace: kube-system}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: $join_secret}
subjects:
- {kind: Group, apiGroup: rbac.authorization.k8s.io, name: $join_group}
YAML
}

# Gets the authority from the server at $url, and waits for that server to be there.
join_cluster() {
  [[ ! -f $pki/sa.key ]] || return 0
  [[ -n $token ]] || fatal "--token is required"
  local answer file contents said=''
  until answer=$(KUBECONFIG=/dev/null kubectl --server "$url" --token "$token" --insecure-skip-tls-verify \
    get secret $join_secret -n kube-system -o go-template='{{range $file, $data := .data}}{{$file}} {{$data}}{{"\n"}}{{end}}' 2>&1); do
    [[ $answer == "$said" ]] || info "Waiting to retrieve agent configuration; server is not ready: ${answer//[\"$'\n']/ }"
    said=$answer
    sleep 0.2
  done
  # sa.key comes last, and says that everything is here.
  while read -r file contents; do base64 -d <<<"$contents" >"$pki/$file"; done <<<"$answer"
}
