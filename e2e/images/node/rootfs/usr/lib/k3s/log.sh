# Log lines in k3s's own form: tools wait for some of them by their text.

log() { printf 'time="%(%Y-%m-%dT%H:%M:%SZ)T" level=%s msg="%s"\n' -1 "$1" "${*:2}" >&2; }

info() { log info "$@"; }

fatal() {
  log fatal "$@"
  exit 1
}
