import type { AgentTeam } from '@agentteam/api';
import type { Problem } from '../../problem.ts';
import { environmentsOf } from '../environment/environment.ts';
import { checkAffinity } from './affinity.ts';
import { checkFiles } from './files.ts';
import { checkOwnMounts } from './mounts.ts';
import { checkObjectNames } from './object-names.ts';
import { checkQuantities } from './quantities.ts';
import { checkVolumeNames } from './volumes.ts';

/** Checks the volumes, files, resources and placement of agents. */
export function checkPlacement(team: AgentTeam): readonly Problem[] {
  return [
    ...checkVolumeNames(team),
    ...checkOwnMounts(team),
    ...checkFiles(team),
    ...checkQuantities(team),
    ...checkObjectNames(team),
    ...checkAffinity(team),
    ...checkLabels(team),
  ];
}

/** Kubernetes' rule for the keys of labels: an optional domain, and a name. */
const LABEL_KEY =
  /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** The schema limits the values of a node selector, and cannot limit its keys. */
function checkLabels(team: AgentTeam): readonly Problem[] {
  return environmentsOf(team).flatMap(({ environment: { nodeSelector = {} }, path }) =>
    Object.keys(nodeSelector)
      .filter((key) => !LABEL_KEY.test(key))
      .map((key) => ({
        code: 'wrong-form',
        path: [...path, 'nodeSelector', key],
        message: `\`${key}\` cannot be the key of a label`,
        hint: 'for example: pool, topology.kubernetes.io/zone',
      })),
  );
}
