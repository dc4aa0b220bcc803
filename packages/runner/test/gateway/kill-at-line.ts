// Loaded before the gateway by `--import`: kills the process just before it writes a line of the ledger
// with the state KILL_AT.
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const write = fs.writeSync;
const wanted = `"state":"${process.env['KILL_AT']}"`;
fs.writeSync = ((...args: Parameters<typeof write>) => {
  if (String(args[1]).includes(wanted)) process.kill(process.pid, 'SIGKILL');
  return write(...args);
}) as typeof write;
syncBuiltinESMExports();
