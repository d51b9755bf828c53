import { expect, it } from 'vitest';
import { parseStatus } from './libreswan-status.ts';

const status = `000 using kernel interface: xfrm
000 "all":   IKE algorithms: AES_CBC_256-HMAC_SHA2_384-DH20
000 "all":   IKEv2 algorithm newest: AES_CBC_256-HMAC_SHA2_384-DH20
000 "all":   ESP algorithm newest: AES_GCM_16_256-NONE; pfsgroup=<N/A>
000 "net"[1]:   IKEv2 algorithm newest: AES_CBC_256-HMAC_SHA2_512-MODP4096
000 #1: "all":500 STATE_V2_ESTABLISHED_IKE_SA (established IKE SA); REKEY in 28529s; newest; idle;
000 #2: "all":500 STATE_V2_ESTABLISHED_CHILD_SA (established Child SA); REKEY in 28529s; eroute owner; IKE SA #1; idle;
000 #2: "all" esp.c9837807@10.9.0.1 esp.17185c6@10.9.0.2 Traffic: ESPin=6KB ESPout=320B ESPmax=2^63B 
000 #4: "net"[1] fd00:9::1:4500 STATE_V2_PARENT_I1 (sent IKE_SA_INIT request); RETRANSMIT in 0.4s; idle;
006 #2: "all", type=ESP, add_time=1795292844, inBytes=6144, outBytes=320, maxBytes=2^63B, id='10.9.0.1'
`;

it('reads SAs, counters and algorithms from what Libreswan prints', () => {
  expect(parseStatus(status)).toEqual({
    ikeSas: [{ connection: 'all', state: '#1' }],
    childSas: [
      {
        connection: 'all',
        state: '#2',
        ikeState: '#1',
        inbound: { spi: '017185c6', bytes: 6144 },
        outbound: { spi: 'c9837807', bytes: 320 },
      },
    ],
    ikeAlgorithms: new Map([
      ['all', 'AES_CBC_256-HMAC_SHA2_384-DH20'],
      ['net', 'AES_CBC_256-HMAC_SHA2_512-MODP4096'],
    ]),
    espAlgorithms: new Map([['all', 'AES_GCM_16_256-NONE']]),
    states: 3,
  });
});
