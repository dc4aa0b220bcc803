// Runs the gateway in its own process: `agentteam-runner gateway` without the other commands.
import { gatewayCommand } from '../../src/gateway/command.ts';

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
// The kernel sends this signal at the file size limit that stands for a full disk.
process.on('SIGXFSZ', () => {});
process.exit(await gatewayCommand(process.env, [], stop.signal));
