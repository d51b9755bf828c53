/** One policy of the benchmark, in a form that both sides can be told. */
export interface BenchPolicy {
  readonly name: string;
  readonly remote: string;
  readonly port: number;
  readonly key: string;
}

/** Policies to as many different peers: what a host with many storage clients has. */
export function benchPolicies(count: number): readonly BenchPolicy[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `client-${index}`,
    remote: `10.${20 + Math.floor(index / 65_000)}.${Math.floor(index / 250) % 250}.${(index % 250) + 1}`,
    port: 2049,
    key: `a benchmark's key, number ${index}`,
  }));
}

/** The policy as ONTAP's REST API takes it. */
export function restBody(policy: BenchPolicy, local: string): string {
  return JSON.stringify({
    name: policy.name,
    secret_key: policy.key,
    protocol: 'tcp',
    local_endpoint: { address: local, netmask: '32', port: `${policy.port}` },
    remote_endpoint: { address: policy.remote, netmask: '32' },
    local_identity: local,
    remote_identity: policy.remote,
  });
}

/** The same policies as a swanctl.conf. */
export function swanctlConf(policies: readonly BenchPolicy[], local: string): string {
  const connections = policies.map(
    ({ name, remote, port }) => `  ${name} {
    version = 2
    local_addrs = ${local}
    remote_addrs = ${remote}
    proposals = aes256-sha384-ecp384
    local { 
      auth = psk
      id = ${local}
    }
    remote {
      auth = psk
      id = ${remote}
    }
    children {
      ${name} {
        mode = transport
        esp_proposals = aes256gcm16
        local_ts = ${local}/32[tcp/${port}]
        remote_ts = ${remote}/32[tcp]
        start_action = trap
      }
    }
  }`,
  );
  const secrets = policies.map(
    ({ name, remote, key }) => `  ike-${name} {
    id-1 = ${local}
    id-2 = ${remote}
    secret = "${key}"
  }`,
  );
  return `connections {\n${connections.join('\n')}\n}\nsecrets {\n${secrets.join('\n')}\n}\n`;
}
