// Runs the gateway in its own process: `agentteam-runner gateway` without the other commands.
import { ENV } from '@agentteam/contract';
import { gatewayCommand } from '../../src/gateway/command.ts';
import { stopSignal } from '../../src/step/stop-signal.ts';

// The kernel sends this signal at the file size limit that stands for a full disk.
process.on('SIGXFSZ', () => {});
const stop = stopSignal(process.env[ENV.engine] === 'local');
process.exit(await gatewayCommand(process.env, [], stop));
