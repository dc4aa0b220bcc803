import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathOf } from './repository.mjs';

/** Lets every agent change other files. @param work has `tree(agent)`. */
export function change(work, agents, files, changes) {
  for (const [agent, name] of agents.entries()) {
    for (let index = 0; index < changes; index += 1) {
      const file = pathOf((agent + index * agents.length) % files);
      appendFileSync(join(work.tree(name), file), `Changed by ${name}.\n`);
    }
  }
}

/** Processor seconds of this process and its children; Linux counts in hundredths. */
export function processorSeconds() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) / 100, 0);
}
