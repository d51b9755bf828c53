/** Renames a policy without undoing what somebody else does to it meanwhile. */
import { ConflictError, connect, PreconditionFailedError } from '@esplanade/sdk';

const { ESPLANADE_URL: url = '', ESPLANADE_USER: user, ESPLANADE_PASSWORD: password } = process.env;
const [from = 'nfs', to = 'nfs-v4'] = process.argv.slice(2);
const policies = connect({ url, user, password }).collection('/security/ipsec/policies');

const found = await policies.where('name', '=', from).first();
if (found === undefined) throw new Error(`there is no policy ${from}`);
for (let isDone = false; !isDone; ) {
  const { record, tag } = await policies.getTagged(found.uuid);
  if (record.enabled === false) throw new Error(`${from} is disabled, so somebody is at work on it`);
  try {
    await policies.modify(found.uuid, { name: to }, { ifMatch: tag });
    isDone = true;
  } catch (error) {
    if (error instanceof ConflictError) throw new Error(`${to} cannot be its name: ${error.message}`);
    if (!(error instanceof PreconditionFailedError)) throw error;
  }
}
console.log(`${from} is ${to}`);
