// Appends `count` entries of one cent to the ledger of `worker`, as one of several processes.
import { LedgerWriter } from '@agentteam/ledger';
import { entry } from './entry.ts';

const [directory = '', name = '', count = '0'] = process.argv.slice(2);
const writer = new LedgerWriter(directory, 'worker');
for (let index = 0; index < Number(count); index += 1) {
  writer.append(entry({ id: `${name}-${index}` }));
}
await writer.close();
