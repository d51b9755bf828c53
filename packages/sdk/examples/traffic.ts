/** Prints how much each SA has carried, the busiest first. Records come page by page, however many there are. */
import { connect } from '@esplanade/sdk';

const { ESPLANADE_URL: url = '', ESPLANADE_USER: user, ESPLANADE_PASSWORD: password } = process.env;
const api = connect({ url, user, password, onIncomplete: ({ message }) => console.error(message) });

const sas = api
  .collection('/security/ipsec/security-associations')
  .where('type', '=', 'ipsec')
  .fields('policy_name', 'remote_address', 'ipsec.inbound.bytes', 'ipsec.outbound.bytes')
  .orderBy('ipsec.inbound.bytes', 'desc')
  .pageSize(100);
for await (const { policy_name, remote_address, ipsec } of sas)
  console.log(policy_name, remote_address, ipsec?.inbound?.bytes ?? 0, ipsec?.outbound?.bytes ?? 0);
