import { pendingCommands } from '../commands.ts';
import { isFinal } from '../nodes.ts';
import type { RunState } from './state.ts';

/** Applies the commands that other processes left in the run's directory, and removes them. */
export function applyCommands(state: RunState): void {
  for (const { command, remove } of pendingCommands(state.directory)) {
    // After the DAG has ended, only the exit handler is left: `Stop` lets it run, `Terminate` ends it.
    if (command?.kind === 'stop' && state.workflow.spec.shutdown !== 'Terminate') {
      if (command.strategy === 'Terminate' || !isFinal(state.node(state.name))) {
        state.setShutdown(command.strategy);
      }
    }
    // What has been stopped ends, so that nothing waits for a run that nobody resumes.
    if (command?.kind === 'suspend' && state.workflow.spec.shutdown === undefined) {
      state.setSuspend(command.suspend);
    }
    remove();
  }
}
