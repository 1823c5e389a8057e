# What a server puts into its cluster: the manifests of the image unless disabled, and whatever is laid beside them later.

lay_manifests() {
  local manifest name
  mkdir -p "$server_manifests"
  for manifest in /opt/manifests/*.yaml; do
    name=$(basename "$manifest" .yaml)
    is_disabled "$name" || [[ -e $server_manifests/$name.yaml ]] || cp "$manifest" "$server_manifests/"
  done
}

# Applies a manifest whenever it has changed, for ever; `start` it. CoreDNS goes first, since everybody needs names; the
# images of the others are laid ready meanwhile.
watch_manifests() {
  local -A applied=()
  local manifest
  apply_changed "$server_manifests/coredns.yaml"
  import_images /opt/images
  while :; do
    for manifest in "$server_manifests"/*.y*ml; do apply_changed "$manifest"; done
    sleep 0.5
  done
}

apply_changed() {
  local now
  now=$(stat -c '%Y %Z %s' "$1" 2>/dev/null) || return 0
  [[ ${applied[$1]:-} != "$now" ]] || return 0
  if admin_apply -f "$1"; then applied[$1]=$now; fi
}
