# The programs of a node: started here, watched here, ended here.

declare -A pids=()

# Starts a program under a name; what it says goes to a file of that name.
start() {
  local name=$1 && shift
  "$@" >"$logs/$name.log" 2>&1 &
  pids[$name]=$!
}

# Waits until a command succeeds, as long as program $1 runs.
until_ready() {
  local name=$1 && shift
  until "$@" >/dev/null 2>&1; do
    kill -0 "${pids[$name]}" 2>/dev/null || lost "$name"
    sleep 0.05
  done
}

# Ends the node because a program of it has ended, with the reason as far as it is known.
lost() {
  tail -n 10 "$logs/$1.log" >&2
  fatal "$1 stopped"
}

# Returns never: the node lives as long as all its programs do.
watch_processes() {
  local gone='' name
  wait -n -p gone "${pids[@]}" || true
  for name in "${!pids[@]}"; do [[ ${pids[$name]} != "$gone" ]] || lost "$name"; done
}

# Stops as k3s does: pods are left to whoever started the node. etcd alone has something to write.
stop() {
  trap - TERM INT
  exec 2>/dev/null # the shell would tell of each one killed
  local name
  for name in "${!pids[@]}"; do [[ $name == etcd ]] || kill -KILL "${pids[$name]}" 2>/dev/null || true; done
  if [[ -n ${pids[etcd]:-} ]]; then
    kill -TERM "${pids[etcd]}" 2>/dev/null || true
    wait "${pids[etcd]}" || true
  fi
  exit 0
}
trap stop TERM INT
