import { type CompileResult, compileObject } from '@agentteam/compiler';
import { ANNOTATIONS } from '@agentteam/contract';
import { proofHashes } from '../../approvals/proof.ts';
import { specHash } from '../../approvals/spec-hash.ts';
import type { StoredTeam } from '../stored.ts';
import type { TeamContext } from './context.ts';

/** The team as its Workflow, with the conditions behind gates that this controller alone can open. */
export function compiledOf(
  team: StoredTeam,
  { compileOptions, gateKey }: Pick<TeamContext, 'compileOptions' | 'gateKey'>,
): CompileResult {
  const { apiVersion, kind, spec, metadata } = team;
  const { name, namespace = '' } = metadata;
  const gates = spec.lifecycle.approvalGates ?? [];
  return compileObject(
    { apiVersion, kind, metadata: { name, namespace }, spec },
    {
      ...compileOptions,
      controller: {
        ...compileOptions.controller,
        proofHashes: proofHashes(gateKey, team, specHash(spec), gates),
      },
    },
  );
}

/** Says of a Workflow which spec of the team it was made of. */
export function specAnnotations({ metadata, spec }: StoredTeam): Readonly<Record<string, string>> {
  return {
    [ANNOTATIONS.generation]: String(metadata.generation ?? 0),
    [ANNOTATIONS.spec]: specHash(spec),
  };
}
