#!/bin/sh
# Entry point of a node: prepares the container, runs k3s, and ends its pods before it ends. The shell is busybox's or bash.

# Mounts of pods are seen by others only below a shared mount.
mount --make-rshared / || echo "entrypoint: cannot share the mounts of /" >&2

# In cgroup v2 a group that hands resources on holds no process itself: all move one down.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/init
  for process in $(cat /sys/fs/cgroup/cgroup.procs); do
    echo "$process" > /sys/fs/cgroup/init/cgroup.procs
  done 2> /dev/null
  for controller in $(cat /sys/fs/cgroup/cgroup.controllers); do
    echo "+$controller" > /sys/fs/cgroup/cgroup.subtree_control
  done 2> /dev/null
fi

# The gateway of the default route, from the kernel's hexadecimal in the machine's (little) byte order.
gateway() {
  while read -r interface destination hex rest; do
    [ "$destination" = 00000000 ] && [ "$hex" != 00000000 ] || continue
    a=${hex#??????} b=${hex#????} c=${hex#??}
    b=${b%??} c=${c%????} d=${hex%??????}
    echo "$((0x$a)).$((0x$b)).$((0x$c)).$((0x$d))"
    return
  done < /proc/net/route
}

# The port on which Docker's name server listens on 127.0.0.11 (0B00007F); which one, only Docker's own rules know.
name_server_port() {
  while read -r number address rest; do
    case $address in
      0B00007F:*) echo "$((0x${address#*:}))"; return ;;
    esac
  done < "/proc/net/$1"
}

# Docker's name server has a loopback address, which in a pod is the pod itself. So it gets a second address that is good in pods
# too, the gateway's: what is sent there to port 53, by pods or by the node, is led to the name server.
gateway=$(gateway)
if [ -n "$gateway" ]; then
  echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet
  led=yes
  for protocol in udp tcp; do
    port=$(name_server_port $protocol)
    [ -n "$port" ] || { led=; break; }
    for chain in PREROUTING OUTPUT; do
      rule="-d $gateway/32 -p $protocol --dport 53 -j DNAT --to-destination 127.0.0.11:$port"
      # shellcheck disable=SC2086 # a rule is words
      iptables -w -t nat -C $chain $rule 2> /dev/null || iptables -w -t nat -A $chain $rule || led=
    done
  done
  if [ -n "$led" ]; then
    resolver=$(sed "s/^nameserver 127\.0\.0\.11$/nameserver $gateway/" /etc/resolv.conf) && echo "$resolver" > /etc/resolv.conf
  else
    echo "entrypoint: pods cannot use Docker's name server" >&2
  fi
  grep -q host.k3d.internal /etc/hosts || echo "$gateway host.k3d.internal" >> /etc/hosts
fi

# Asks processes to end, and waits for them.
pods() {
  for process in /proc/[0-9]*; do
    if grep -q kubepods "$process/cgroup" 2> /dev/null; then echo "${process#/proc/}"; fi
  done
}
moment() { sleep 0.1 2> /dev/null || sleep 1; }
stop() {
  trap '' TERM INT
  kill -TERM "$k3s" 2> /dev/null
  (sleep 15; kill -KILL "$k3s") 2> /dev/null &
  watchdog=$!
  wait "$k3s"
  kill "$watchdog" 2> /dev/null
  # k3s leaves its pods running. What has a database in it must be told to flush before the container is gone.
  left=$(pods)
  [ -z "$left" ] || kill -TERM $left 2> /dev/null
  until=$(($(date +%s) + 10))
  while [ -n "$(pods)" ] && [ "$(date +%s)" -lt "$until" ]; do moment; done
  exit 0
}

/bin/k3s "$@" &
k3s=$!
trap stop TERM INT
wait "$k3s"
