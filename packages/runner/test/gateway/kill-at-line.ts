// Loaded before the gateway by `--import`: kills its process at the instant at which it would write a line
// of the ledger whose state is named by KILL_AT, before a byte of it is written.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const write = fs.writeSync;
const wanted = `"state":"${process.env['KILL_AT']}"`;
fs.writeSync = ((...args: Parameters<typeof write>) => {
  if (String(args[1]).includes(wanted)) process.kill(process.pid, 'SIGKILL');
  return write(...args);
}) as typeof write;
syncBuiltinESMExports();
