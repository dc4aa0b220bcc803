import {
  type CompileOptions,
  checkRestrictions,
  checkRun,
  formatProblems,
  teamOfRun,
} from '@agentteam/compiler';
import { ANNOTATIONS } from '@agentteam/contract';
import type { KubeApi } from '../../kube/api.ts';
import { httpStatus, reasonOf } from '../../kube/kube-error.ts';
import { type Manifest, ownedBy } from '../../kube/objects.ts';
import {
  type CachedRun,
  type CachedTeam,
  type CachedTemplate,
  trimResource,
} from '../cached-resource.ts';
import { isOwnedBy, refOf } from '../team/refs.ts';
import type { RunState } from './status.ts';

export interface MakeTeamContext {
  readonly api: KubeApi;
  /** The installation's restrictions are among them. */
  readonly compileOptions: CompileOptions;
}

/** Merges a run with its template and creates the team. It is idempotent. */
export async function makeTeam(
  run: CachedRun,
  template: CachedTemplate | undefined,
  { api, compileOptions }: MakeTeamContext,
): Promise<RunState> {
  const { apiVersion, kind, metadata, spec } = run;
  const { name, namespace = '' } = metadata;
  const { problems } = checkRun({ apiVersion, kind, metadata: { name, namespace }, spec });
  if (problems.length > 0) {
    const message = formatProblems(problems, { file: `agentteamrun/${name}` });
    return { kind: 'refused', reason: 'Invalid', message, final: true };
  }
  if (template === undefined) {
    const message = `AgentTeamTemplate ${spec.templateRef.name} not found in namespace ${namespace}.`;
    return { kind: 'refused', reason: 'TemplateNotFound', message, final: false };
  }
  const made = teamOfRun(template, run);
  const refused = [...made.problems, ...checkRestrictions(made.merged, compileOptions)];
  if (refused.length > 0) {
    const file = `agentteamrun/${name} with agentteamtemplate/${template.metadata.name}`;
    const message = formatProblems(refused, { file });
    return { kind: 'refused', reason: 'Invalid', message, final: true };
  }
  const { [ANNOTATIONS.author]: author, [ANNOTATIONS.editors]: editors } =
    metadata.annotations ?? {};
  const team: Manifest = {
    ...made.merged,
    metadata: {
      ...made.merged.metadata,
      labels: { 'app.kubernetes.io/managed-by': 'agentteam' },
      annotations: {
        [ANNOTATIONS.template]: template.metadata.name,
        // The authors of the run are the authors of the team, although the controller creates it.
        ...(author !== undefined && { [ANNOTATIONS.author]: author }),
        ...(editors !== undefined && { [ANNOTATIONS.editors]: editors }),
      },
      ownerReferences: [ownedBy(run)],
    },
  };
  try {
    const created = { ...team, metadata: await api.create(team) };
    return { kind: 'created', team: trimResource<CachedTeam>(created) };
  } catch (error) {
    if (httpStatus(error) === 409) return nameTaken(run, team, api, error);
    if (httpStatus(error) !== 403 && httpStatus(error) !== 422) throw error;
    return { kind: 'refused', reason: 'Refused', message: reasonOf(error), final: true };
  }
}

async function nameTaken(
  run: CachedRun,
  team: Manifest,
  api: KubeApi,
  conflict: unknown,
): Promise<RunState> {
  const existing = await api.read<CachedTeam>(refOf(team));
  if (existing === undefined) throw conflict;
  if (isOwnedBy(existing, run)) return { kind: 'created', team: trimResource(existing) };
  const { name } = run.metadata;
  // The garbage collector deletes the team of a deleted run with the same name. The watch reports it.
  const isOrphaned = (existing.metadata.ownerReferences ?? []).some(
    (owner) => owner.kind === run.kind && owner.name === name,
  );
  const message = isOrphaned
    ? `The AgentTeam ${name} of an earlier run is being deleted. The run starts after that.`
    : `An AgentTeam ${name} already exists and does not belong to this run. Delete the team or rename the run.`;
  return { kind: 'refused', reason: 'NameTaken', message, final: !isOrphaned };
}
