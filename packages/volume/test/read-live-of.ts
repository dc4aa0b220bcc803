import { LedgerReader } from '@agentteam/ledger';
import { readLive } from '../src/index.ts';

/** Prints the live snapshot of a team; the tests run it as a process. */
const [volume = '', ...names] = process.argv.slice(2);
const live = await readLive({
  native: { team: 'demo', teams: `${volume}/teams`, tasks: `${volume}/tasks` },
  state: `${volume}/state`,
  control: `${volume}/control`,
  ledger: await new LedgerReader(`${volume}/ledger`).refresh(),
  members: names.map((name, index) => ({ name, role: index === 0 ? 'lead' : 'teammate' })),
});
process.stdout.write(JSON.stringify(live));
