// Command registries turns k3s's registries.yaml into the folders in which containerd looks for the hosts of a registry.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// The part of the file that upstream's containerd has a setting for; k3s's own, such as `rewrite`, has none.
type registries struct {
	Mirrors map[string]struct {
		Endpoints []string `json:"endpoint"`
	} `json:"mirrors"`
	Configs map[string]struct {
		Auth struct {
			Username string `json:"username"`
			Password string `json:"password"`
		} `json:"auth"`
		TLS struct {
			CA         string `json:"ca_file"`
			SkipVerify bool   `json:"insecure_skip_verify"`
		} `json:"tls"`
	} `json:"configs"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: registries REGISTRIES.YAML FOLDER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(file, folder string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var wanted registries
	if err := yaml.Unmarshal(text, &wanted); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	for registry, mirror := range wanted.Mirrors {
		name := registry
		if name == "*" {
			name = "_default"
		}
		var hosts strings.Builder
		for _, endpoint := range mirror.Endpoints {
			wanted.host(&hosts, endpoint)
		}
		if err := os.MkdirAll(filepath.Join(folder, name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(folder, name, "hosts.toml"), []byte(hosts.String()), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// host writes one place where images of a registry are asked for; the registry itself comes after all of them.
func (r registries) host(to *strings.Builder, endpoint string) {
	if !strings.Contains(endpoint, "://") {
		endpoint = "https://" + endpoint
	}
	fmt.Fprintf(to, "[host.%q]\n  capabilities = [\"pull\", \"resolve\"]\n", endpoint)
	_, address, _ := strings.Cut(endpoint, "://")
	config, ok := r.Configs[strings.TrimSuffix(strings.SplitN(address, "/", 2)[0], "/")]
	if !ok {
		return
	}
	if config.TLS.SkipVerify {
		fmt.Fprintln(to, "  skip_verify = true")
	}
	if config.TLS.CA != "" {
		fmt.Fprintf(to, "  ca = %q\n", config.TLS.CA)
	}
	if config.Auth.Username != "" {
		credentials := base64.StdEncoding.EncodeToString([]byte(config.Auth.Username + ":" + config.Auth.Password))
		fmt.Fprintf(to, "  [host.%q.header]\n    authorization = \"Basic %s\"\n", endpoint, credentials)
	}
}
