//! What engines really say: messages of Docker 20.10 to 29, Docker Desktop and rootless engines.

use std::net::IpAddr;

use test_case::test_case;

use super::*;

fn cause(status: u16, message: &str) -> Cause {
    Cause::of((status != 200).then_some(status), message)
}

fn taken(ip: &str, port: u16) -> Cause {
    Cause::PortTaken {
        ip: Some(ip.parse::<IpAddr>().unwrap()),
        port: Some(port),
    }
}

#[test_case("driver failed programming external connectivity on endpoint k3d-a-server-0 (e37f3c65396f): Bind for 127.0.0.1:5777 failed: port is already allocated" => taken("127.0.0.1", 5777); "20_10, by a container")]
#[test_case("driver failed programming external connectivity on endpoint a (7e7b06e754c5): Error starting userland proxy: listen tcp4 127.0.0.1:5778: bind: address already in use" => taken("127.0.0.1", 5778); "20_10, by a program")]
#[test_case("driver failed programming external connectivity on endpoint a (1): Error starting userland proxy: listen tcp 0.0.0.0:80: bind: address already in use" => taken("0.0.0.0", 80); "an older proxy")]
#[test_case("driver failed programming external connectivity on endpoint a (1): Bind for :::80 failed: port is already allocated" => taken("::", 80); "IPv6 without brackets")]
#[test_case("driver failed programming external connectivity on endpoint a (1): Error starting userland proxy: listen tcp6 [::]:80: bind: address already in use" => taken("::", 80); "IPv6 with brackets")]
#[test_case("failed to set up container networking: driver failed programming external connectivity on endpoint a (1): Bind for 0.0.0.0:8000 failed: port is already allocated" => taken("0.0.0.0", 8000); "28, by a container")]
#[test_case("failed to set up container networking: driver failed programming external connectivity on endpoint a (1): failed to bind host port for 0.0.0.0:6379:172.20.0.2:6379/tcp: address already in use" => taken("0.0.0.0", 6379); "28, by a program")]
#[test_case("failed to set up container networking: driver failed programming external connectivity on endpoint a (1): failed to bind host port 127.0.0.1:6379/tcp: address already in use" => taken("127.0.0.1", 6379); "29, by a program")]
#[test_case("Ports are not available: exposing port TCP 0.0.0.0:5000 -> 0.0.0.0:0: listen tcp 0.0.0.0:5000: bind: address already in use" => taken("0.0.0.0", 5000); "Docker Desktop")]
#[test_case("Ports are not available: listen tcp 0.0.0.0:5000: bind: address already in use" => taken("0.0.0.0", 5000); "an older Docker Desktop")]
#[test_case("Ports are not available: exposing port TCP 0.0.0.0:80 -> 127.0.0.1:0: listen tcp 0.0.0.0:80: bind: Only one usage of each socket address (protocol/network address/port) is normally permitted." => taken("0.0.0.0", 80); "Docker Desktop on Windows")]
#[test_case("driver failed programming external connectivity on endpoint a (1): all ports are allocated" => Cause::PortTaken { ip: None, port: None }; "a range without a free port")]
#[test_case("driver failed programming external connectivity on endpoint a (1): Error starting userland proxy: error while calling PortManager.AddPort(): cannot expose privileged port 80, you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf (currently 1024), or set CAP_NET_BIND_SERVICE on rootlesskit binary, or choose a larger port number (>= 1024): listen tcp4 0.0.0.0:80: bind: permission denied" => Cause::PortForbidden { port: Some(80) }; "rootless and a low port")]
#[test_case("driver failed programming external connectivity on endpoint a (1): Error starting userland proxy: listen tcp4 10.9.9.9:5779: bind: cannot assign requested address" => Cause::NoSuchAddress; "an address of another machine")]
#[test_case("driver failed programming external connectivity on endpoint a (1):  (iptables failed: iptables --wait -t nat -A DOCKER -p tcp -d 0/0 --dport 6443 -j DNAT --to-destination 172.17.0.2:6443 ! -i docker0: iptables: No chain/target/match by that name.\n (exit status 1))" => Cause::Firewall; "a firewall that was reloaded")]
fn ports_and_networking(message: &str) -> Cause {
    cause(500, message)
}

#[test_case(404, "No such image: nosuch:1" => Cause::NoSuchImage; "20_10")]
#[test_case(404, "no such image: nosuch:1: image not found" => Cause::NoSuchImage; "newer")]
#[test_case(404, "manifest for localhost:5555/none:1 not found: manifest unknown: manifest unknown" => Cause::NotInRegistry; "no such tag")]
#[test_case(404, "failed to resolve reference \"quay.io/a/b:c\": quay.io/a/b:c: not found" => Cause::NotInRegistry; "no such tag, containerd store")]
#[test_case(404, "pull access denied for nosuch, repository does not exist or may require 'docker login': denied: requested access to the resource is denied" => Cause::PullRefused; "no such repository on the Hub")]
#[test_case(404, "pull access denied for nosuch, repository does not exist or may require 'docker login'" => Cause::PullRefused; "the same, older")]
#[test_case(500, "Get \"https://registry.example.org/v2/a/manifests/1\": no basic auth credentials" => Cause::PullRefused; "no credentials")]
#[test_case(500, "unauthorized: authentication required" => Cause::PullRefused; "credentials wanted")]
#[test_case(500, "Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password" => Cause::PullRefused; "wrong credentials")]
#[test_case(500, "failed to resolve reference \"ghcr.io/a/b:1\": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://ghcr.io/token?scope=repository%3Aa%2Fb%3Apull&service=ghcr.io: 401 Unauthorized" => Cause::PullRefused; "refused, containerd store")]
#[test_case(500, "failed to resolve reference \"docker.io/a/b:1\": failed to authorize: failed to fetch anonymous token: Get \"https://auth.docker.io/token?service=registry.docker.io\": dial tcp: lookup auth.docker.io: no such host" => Cause::RegistryUnreachable; "no network, containerd store")]
#[test_case(500, "toomanyrequests: You have reached your pull rate limit. You may increase the limit by authenticating and upgrading: https://www.docker.com/increase-rate-limit" => Cause::RateLimited; "the Hub's limit")]
#[test_case(500, "error from registry: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit" => Cause::RateLimited; "the Hub's limit, newer")]
#[test_case(500, "Get \"https://nosuch.invalid/v2/\": dial tcp: lookup nosuch.invalid on 10.255.255.53:53: no such host" => Cause::RegistryUnreachable; "no such registry")]
#[test_case(500, "Get \"http://localhost:5999/v2/\": dial tcp 127.0.0.1:5999: connect: connection refused" => Cause::RegistryUnreachable; "nobody listens")]
#[test_case(500, "Get \"https://registry-1.docker.io/v2/\": net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)" => Cause::RegistryUnreachable; "no answer")]
#[test_case(500, "Get \"https://reg.example/v2/\": x509: certificate signed by unknown authority" => Cause::RegistryUnreachable; "a certificate")]
#[test_case(500, "Get \"https://reg:5000/v2/\": http: server gave HTTP response to HTTPS client" => Cause::RegistryUnreachable; "no TLS")]
#[test_case(500, "Get \"https://registry-1.docker.io/v2/\": proxyconnect tcp: dial tcp 10.0.0.1:3128: connect: connection refused" => Cause::RegistryUnreachable; "a proxy")]
#[test_case(200, "no matching manifest for linux/arm64/v8 in the manifest list entries" => Cause::WrongPlatform; "other processors")]
#[test_case(200, "write /var/lib/docker/tmp/GetImageBlob123: no space left on device" => Cause::DiskFull; "a full disk while fetching")]
#[test_case(200, "failed to register layer: Error processing tar file(exit status 1): write /bin/k3s: no space left on device" => Cause::DiskFull; "a full disk while unpacking")]
fn images(status: u16, message: &str) -> Cause {
    cause(status, message)
}

#[test_case(400, "privileged mode is incompatible with user namespaces.  You must run the container in the host namespace when running privileged mode" => Cause::NotPrivileged; "userns-remap")]
#[test_case(403, "authorization denied by plugin opa: privileged containers are not allowed" => Cause::NotPrivileged; "a policy")]
#[test_case(500, "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: unable to apply caps: operation not permitted: unknown" => Cause::NotPrivileged; "no capabilities to give")]
#[test_case(500, "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: error mounting \"sysfs\" to rootfs at \"/sys\": mount sysfs:/sys (via /proc/self/fd/8), flags: 0xf: operation not permitted: unknown" => Cause::NotPrivileged; "no mounts in a container")]
#[test_case(500, "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: unable to apply cgroup configuration: mkdir /sys/fs/cgroup/rdma/docker: permission denied: unknown" => Cause::Cgroup; "cgroups not writable")]
#[test_case(500, "OCI runtime create failed: container_linux.go:380: starting container process caused: process_linux.go:385: applying cgroup configuration for process caused: error creating systemd unit `docker-a.scope`: got `failed`: unknown" => Cause::Cgroup; "systemd refuses")]
#[test_case(500, "failed to create shim task: OCI runtime create failed: unable to retrieve OCI runtime error: cgroups: cgroup mountpoint does not exist: unknown" => Cause::Cgroup; "cgroups not mounted")]
#[test_case(500, "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: unable to apply cgroup configuration: failed to write 4188: write /sys/fs/cgroup/docker/a/cgroup.procs: no such file or directory: unknown" => Cause::Cgroup; "a cgroup that has gone")]
#[test_case(500, "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/nope\": stat /nope: no such file or directory: unknown" => Cause::NoProgram; "no such program")]
#[test_case(400, "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"nope\": executable file not found in $PATH: unknown" => Cause::NoProgram; "no such program on the path")]
#[test_case(400, "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/bin/k3s\": exec format error: unknown" => Cause::WrongPlatform; "a program for other processors")]
#[test_case(400, "invalid mount config for type \"bind\": bind source path does not exist: /nope" => Cause::NoBindSource; "a bind of nothing")]
fn starting_a_node(status: u16, message: &str) -> Cause {
    cause(status, message)
}

#[test_case(409, "Conflict. The container name \"/k3d-a-server-0\" is already in use by container \"0ffbc5b1f47a\". You have to remove (or rename) that container to be able to reuse that name." => Cause::NameTaken { name: Some("k3d-a-server-0".to_owned()), by: Some("0ffbc5b1f47a".to_owned()) }; "a container")]
#[test_case(409, "network with name k3d-a already exists" => Cause::NameTaken { name: Some("k3d-a".to_owned()), by: None }; "a network")]
#[test_case(404, "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network" => Cause::NoAddresses; "no addresses, 20_10")]
#[test_case(404, "all predefined address pools have been fully subnetted" => Cause::NoAddresses; "no addresses, 27")]
#[test_case(403, "Pool overlaps with other one on this address space" => Cause::AddressOverlap; "an overlap")]
#[test_case(403, "invalid pool request: Pool overlaps with other one on this address space" => Cause::AddressOverlap; "an overlap, newer")]
#[test_case(403, "error while removing network: network k3d-a id 5a16850ce744 has active endpoints" => Cause::InUse; "a network in use")]
#[test_case(403, "error while removing network: network k3d-a has active endpoints (name:\"k3d-a-server-0\" id:\"b1\")" => Cause::InUse; "a network in use, newer")]
#[test_case(409, "remove docker-v: volume is in use - [e4f482ce9f4c]" => Cause::InUse; "a volume in use")]
#[test_case(409, "Container e4f482ce9f4c is not running" => Cause::NotRunning; "20_10")]
#[test_case(409, "container e4f482ce9f4c is not running" => Cause::NotRunning; "newer")]
#[test_case(409, "removal of container e4f482ce9f4c is already in progress" => Cause::RemovalInProgress; "a removal")]
#[test_case(404, "No such container: a" => Cause::NotFound; "no container")]
#[test_case(404, "network docker-zz not found" => Cause::NotFound; "no network")]
#[test_case(404, "get docker-zz: no such volume" => Cause::NotFound; "no volume")]
#[test_case(404, "Could not find the file /nope in container docker-b" => Cause::NotFound; "no file")]
#[test_case(404, "page not found" => Cause::NotFound; "something else that is not there")]
#[test_case(500, "layer does not exist" => Cause::Other; "something else")]
#[test_case(500, "" => Cause::Other; "nothing")]
fn names_and_states(status: u16, message: &str) -> Cause {
    cause(status, message)
}

#[test]
fn an_error_says_operation_and_cause_and_has_the_engine_s_words_as_its_source() {
    let source = ApiError::DockerResponseServerError {
        status_code: 500,
        message: "Bind for 127.0.0.1:5000 failed:\r\n port is \u{1b}[31malready allocated".to_owned(),
    };
    let error = Error::of("start container k3d-a-server-0", source);
    assert_eq!(
        error.to_string(),
        "the Docker engine could not start container k3d-a-server-0: port 5000 on 127.0.0.1 is taken"
    );
    let words = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(
        words,
        "Bind for 127.0.0.1:5000 failed:; port is already allocated"
    );
}

#[test]
fn what_is_not_understood_is_left_to_the_engine_s_words() {
    let error = Error::answered("create network k3d-a", Some(500), "layer does not exist");
    assert_eq!(
        error.to_string(),
        "the Docker engine could not create network k3d-a"
    );
}

#[test]
fn a_broken_connection_is_an_engine_that_went_away() {
    let io = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
    let error = Error::of("pull image a", ApiError::IOError { err: io });
    assert!(matches!(error, Error::Gone { .. }), "{error:?}");
    assert_eq!(
        error.to_string(),
        "the Docker engine went away while asked to pull image a"
    );
}

#[test]
fn a_late_answer_is_told_with_its_limit() {
    let error = Error::of("create network a", ApiError::RequestTimeoutError);
    assert_eq!(
        error.to_string(),
        "the Docker engine did not answer within 120 s when asked to create network a"
    );
}
