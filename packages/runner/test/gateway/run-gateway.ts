// The gateway as a process of its own: `agentteam-runner gateway` without the other commands.
import { gatewayCommand } from '../../src/gateway/command.ts';

const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
// The kernel sends it beside the error where a file size limit stands for a full disk.
process.on('SIGXFSZ', () => {});
process.exit(await gatewayCommand(process.env, stop.signal));
