import { checkRun, formatProblems, teamOfRun } from '@agentteam/compiler';
import { ANNOTATIONS } from '@agentteam/contract';
import type { KubeApi } from '../../kube/api.ts';
import { httpStatus, reasonOf } from '../../kube/kube-error.ts';
import { type Manifest, ownedBy } from '../../kube/objects.ts';
import { type StoredRun, type StoredTeam, type StoredTemplate, storeResource } from '../stored.ts';
import { isOwnedBy, refOf } from '../team/refs.ts';
import type { RunState } from './status.ts';

/** Merges a run with its template and creates the team. Done again, it finds the team it made. */
export async function makeTeam(
  run: StoredRun,
  template: StoredTemplate | undefined,
  api: KubeApi,
): Promise<RunState> {
  const { apiVersion, kind, metadata, spec } = run;
  const { name, namespace = '' } = metadata;
  const { problems } = checkRun({ apiVersion, kind, metadata: { name, namespace }, spec });
  if (problems.length > 0) {
    const message = formatProblems(problems, { file: `agentteamrun/${name}` });
    return { kind: 'refused', reason: 'Invalid', message, final: true };
  }
  if (template === undefined) {
    const message = `There is no AgentTeamTemplate ${spec.templateRef.name} in namespace ${namespace}.`;
    return { kind: 'refused', reason: 'TemplateNotFound', message, final: false };
  }
  const made = teamOfRun(template, run);
  if (made.problems.length > 0) {
    const file = `agentteamrun/${name} with agentteamtemplate/${template.metadata.name}`;
    const message = formatProblems(made.problems, { file });
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
        // Who made and changed the run made the team, whoever writes it down.
        ...(author !== undefined && { [ANNOTATIONS.author]: author }),
        ...(editors !== undefined && { [ANNOTATIONS.editors]: editors }),
      },
      ownerReferences: [ownedBy(run)],
    },
  };
  try {
    const created = { ...team, metadata: await api.create(team) };
    return { kind: 'made', team: storeResource<StoredTeam>(created) };
  } catch (error) {
    if (httpStatus(error) === 409) return taken(run, team, api, error);
    // What an admission policy or a quota refuses may be granted later.
    if (httpStatus(error) !== 403 && httpStatus(error) !== 422) throw error;
    return { kind: 'refused', reason: 'Refused', message: reasonOf(error), final: true };
  }
}

async function taken(
  run: StoredRun,
  team: Manifest,
  api: KubeApi,
  conflict: unknown,
): Promise<RunState> {
  const existing = await api.read<StoredTeam>(refOf(team));
  if (existing === undefined) throw conflict;
  if (isOwnedBy(existing, run)) return { kind: 'made', team: storeResource(existing) };
  const { name } = run.metadata;
  // That of a deleted run of the same name is on its way out; the watch tells when it is gone.
  const leaving = (existing.metadata.ownerReferences ?? []).some(
    (owner) => owner.kind === run.kind && owner.name === name,
  );
  const message = leaving
    ? `The AgentTeam ${name} of an earlier run is still there. The run starts once it is gone.`
    : `An AgentTeam ${name} exists that is not this run's. Delete it, or rename the run.`;
  return { kind: 'refused', reason: 'NameTaken', message, final: !leaving };
}
