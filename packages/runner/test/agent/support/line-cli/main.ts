import { agentCommand } from '../../../../src/agent/command.ts';
import { lineCli } from './line-cli.ts';

/* `agentteam-runner agent` with another agent CLI. Other commands are the runner's own. */
if (process.argv[2] === 'agent') {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  process.exit(await agentCommand(process.env, [], stop.signal, lineCli));
}
await import('../../../../src/main.ts');
