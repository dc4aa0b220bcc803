import type { PersistentVolumeClaim, Workflow } from '@agentteam/argo';
import { stringify } from 'yaml';

/** An object as YAML, without anchors and without folded lines: the same bytes every time. */
export function toYaml(object: Workflow | PersistentVolumeClaim): string {
  return stringify(object, { aliasDuplicateObjects: false, lineWidth: 0 });
}
