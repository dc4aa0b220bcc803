// Appends until the disk is full, then three times more, and prints the results.
import { LedgerWriter } from '@agentteam/ledger';
import { entry } from './entry.ts';

const [directory = ''] = process.argv.slice(2);
const writer = new LedgerWriter(directory, 'worker');
let written = 0;
let refused = 0;
let error = '';
while (refused < 3) {
  try {
    writer.append(entry({ id: `entry-${written}` }));
    written += 1;
  } catch (caught) {
    error = (caught as Error).name;
    refused += 1;
  }
}
process.stdout.write(JSON.stringify({ written, refused, error }));
