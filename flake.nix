{
  description = "ratectl: build, run, watch and break a pull-based NATS JetStream system";

  # Plain nixpkgs and nothing else: whoever updates the lock file updates one input.
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs }:
    let
      systems = [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
      ];
      eachSystem = make: nixpkgs.lib.genAttrs systems (system: make nixpkgs.legacyPackages.${system});

      # One of the workspace's binaries. Tests need servers and loopback, so they run by `make test`, not here.
      binary =
        pkgs:
        {
          crate,
          program ? crate,
          description,
        }:
        pkgs.rustPlatform.buildRustPackage {
          pname = program;
          version = (builtins.fromTOML (builtins.readFile ./Cargo.toml)).workspace.package.version;
          src = self;
          cargoLock.lockFile = ./Cargo.lock;
          cargoBuildFlags = [
            "--package"
            crate
          ];
          doCheck = false;
          meta = {
            inherit description;
            license = pkgs.lib.licenses.asl20;
            mainProgram = program;
          };
        };
    in
    {
      packages = eachSystem (pkgs: rec {
        ratectl = binary pkgs {
          crate = "cli";
          program = "ratectl";
          description = "Build, run, watch and break a pull-based NATS JetStream system";
        };
        http-to-nats-proxy = binary pkgs {
          crate = "proxy";
          program = "http-to-nats-proxy";
          description = "HTTP to JetStream and back";
        };
        rating-service = binary pkgs {
          crate = "rating-service";
          description = "The worker that keeps users, services and ratings";
        };
        default = ratectl;
      });

      # Everything the Makefile would otherwise install.
      devShells = eachSystem (pkgs: {
        default = pkgs.mkShell {
          # Not a rustup toolchain: it tells tools/toolchain that the Rust of nixpkgs is meant, whatever its version.
          RUSTUP_TOOLCHAIN = "nixpkgs";
          packages = [
            pkgs.cargo
            pkgs.cargo-deny
            pkgs.cargo-fuzz
            pkgs.chromium
            pkgs.clippy
            pkgs.curl
            pkgs.debootstrap
            pkgs.docker
            pkgs.gnumake
            pkgs.go
            pkgs.nodejs
            pkgs.kubectl
            pkgs.nats-server
            pkgs.postgresql_15
            (pkgs.python3.withPackages (python: [ python.nats-py ]))
            pkgs.rustc
            pkgs.rustfmt
          ];
        };
      });

      formatter = eachSystem (pkgs: pkgs.nixfmt-rfc-style);
    };
}
