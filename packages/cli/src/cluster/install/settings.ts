/** Name of the controller's objects. */
export const CONTROLLER = 'agentteam-controller';

/** Of everything that is installed here. */
export const LABELS: Readonly<Record<string, string>> = {
  'app.kubernetes.io/name': 'agentteam',
  'app.kubernetes.io/managed-by': 'agentteam',
};

/** Where the controller lives unless somebody says otherwise. */
export const DEFAULT_NAMESPACE = 'agentteam-system';

export interface InstallSettings {
  readonly namespace: string;
  /** Of the controller, and of the pods of teams. */
  readonly image: string;
  readonly replicas: number;
  /** Namespaces whose teams it runs; empty: all. */
  readonly watched: readonly string[];
  /** ReadWriteMany class of team volumes; absent: the cluster's default. */
  readonly storageClass?: string;
  /** Further variables of the controller, by name. */
  readonly env: Readonly<Record<string, string>>;
}
