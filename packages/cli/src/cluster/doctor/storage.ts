import { CoreV1Api, StorageV1Api, type V1StorageClass } from '@kubernetes/client-node';
import type { Connection } from '../connection/connection.ts';
import { type Finding, failed, lookUp, ok, unknown } from './finding.ts';

const CHECK = 'shared storage';
const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';

/** Provisioners whose claims can be shared by pods on several nodes. */
const SHARED =
  /(^|[./])(efs\.csi\.aws\.com|fsx\.csi\.aws\.com|file\.csi\.azure\.com|filestore\.csi\.storage\.gke\.io|nfs\.csi\.k8s\.io|.*cephfs\.csi\.ceph\.com|driver\.longhorn\.io|.*nfs.*|csi\.trident\.netapp\.io|org\.gluster.*)$/;
/** Provisioners whose claims can be used on one node only. */
const ONE_NODE =
  /(^|[./])(ebs\.csi\.aws\.com|aws-ebs|disk\.csi\.azure\.com|azure-disk|pd\.csi\.storage\.gke\.io|gce-pd|.*local-path.*|hostpath.*|no-provisioner|.*rbd\.csi\.ceph\.com)$/;

const REMEDY =
  "The agents of a team share a ReadWriteMany claim. Set a storage class that supports it (EFS, Filestore, Azure Files, NFS, CephFS) as the chart's teams.storageClass, or with install --storage-class.";

/** @param wanted storage class of teams; undefined for the default of the cluster. */
export async function examineStorage(
  { config }: Connection,
  wanted: string | undefined,
): Promise<Finding> {
  const classes = await lookUp(config.makeApiClient(StorageV1Api).listStorageClass());
  if (classes.state !== 'found') {
    return unknown(CHECK, 'you do not have permission to list storage classes', REMEDY);
  }
  const { items } = classes.value;
  const found = items.find((one) =>
    wanted === undefined ? isDefault(one) : nameOf(one) === wanted,
  );
  if (found === undefined) {
    const volumes = wanted === undefined ? 0 : await countVolumes(config, wanted);
    if (volumes > 0) return ok(CHECK, `${wanted}: ${volumes} volumes support ReadWriteMany`);
    const problem =
      wanted === undefined ? 'no storage class is the default' : `there is no class ${wanted}`;
    const existing = items.map(nameOf).join(', ') || 'none';
    return failed(CHECK, `${problem}; existing classes: ${existing}`, REMEDY);
  }
  const storageClass = `${nameOf(found)} (${found.provisioner})`;
  if (SHARED.test(found.provisioner)) return ok(CHECK, `${storageClass} supports ReadWriteMany`);
  if (ONE_NODE.test(found.provisioner)) {
    return failed(CHECK, `${storageClass} does not support ReadWriteMany`, REMEDY);
  }
  return unknown(
    CHECK,
    `whether ${storageClass} supports ReadWriteMany is unknown; see its manual`,
    REMEDY,
  );
}

/** Counts the volumes of a class. Volumes that were created by hand may name a class that does not exist. */
async function countVolumes(config: Connection['config'], className: string): Promise<number> {
  const volumes = await lookUp(config.makeApiClient(CoreV1Api).listPersistentVolume());
  if (volumes.state !== 'found') return 0;
  return volumes.value.items.filter(
    ({ spec }) =>
      spec?.storageClassName === className && spec.accessModes?.includes('ReadWriteMany'),
  ).length;
}

function isDefault({ metadata }: V1StorageClass): boolean {
  return metadata?.annotations?.[DEFAULT_CLASS] === 'true';
}

function nameOf({ metadata }: V1StorageClass): string {
  return metadata?.name ?? '';
}
