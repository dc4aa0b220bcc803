import { mkdir, writeFile } from 'node:fs/promises';
import { type OUTPUTS, PATHS, under } from '@agentteam/contract';
import { cutText, textFor } from '@agentteam/text';

export type OutputName = (typeof OUTPUTS)[keyof typeof OUTPUTS];

/** Argo keeps outputs in the Workflow's status, and the whole Workflow is limited to about 1.5 MiB. */
const MAX_CHARACTERS = 64 * 1024;

/** Writes output parameters of this step, one file for each. */
export async function writeOutputs(
  root: string,
  outputs: Partial<Readonly<Record<OutputName, string>>>,
): Promise<void> {
  const directory = under(root, PATHS.outputs);
  await mkdir(directory, { recursive: true });
  for (const [name, value] of Object.entries(outputs)) {
    await writeFile(`${directory}/${name}`, cutText(textFor('log', value), MAX_CHARACTERS));
  }
}
