import { EXECUTOR } from '@agentteam/compiler';
import type { CompiledFile } from '../../compile-file.ts';
import { keysOf } from './keys-of.ts';
import { needsOf } from './needs.ts';

/**
 * What a namespace must have before a compiled Workflow is submitted to it: without the account its
 * pods are refused, without the rest they wait for ever, and Argo does not say for what.
 * @param command that makes what can be made.
 */
export function demands(
  { team, workflow, claims: { team: shared, output } }: CompiledFile,
  command: string,
): readonly string[] {
  const { secrets, configMaps, claims } = needsOf(workflow);
  const { namespace } = team.metadata;
  const made = [shared, output].flatMap((claim) => claim?.metadata?.name ?? []);
  const yours = [
    ...secrets.map((need) => ({ ...need, words: `Secret ${need.name}${keysOf(need)}` })),
    ...configMaps.map((need) => ({ ...need, words: `ConfigMap ${need.name}${keysOf(need)}` })),
    ...claims
      .filter(({ name }) => !made.includes(name))
      .map((need) => ({ ...need, words: `claim ${need.name}` })),
  ].filter(({ optional }) => !optional);
  const account = `service account ${EXECUTOR} and its token`;
  return [
    `Before it is submitted, ${namespace === undefined ? 'its namespace' : `namespace ${namespace}`} needs`,
    `  ${[account, ...made.map((name) => `claim ${name}`)].join(', ')}:`,
    `    ${command}`,
    ...yours.map(({ words }) => `  ${words}`),
    `Delete the claim ${shared.metadata?.name} before the team is submitted again: it keeps the files of this run.`,
  ];
}
