/** The parts of a CustomResourceDefinition's structural schema that validation reads. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxProperties?: number;
  readonly anyOf?: readonly Schema[];
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[];
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-list-type'?: string;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
}

/** A rule between fields, in CEL. */
interface ValidationRule {
  readonly rule: string;
  readonly message?: string;
}

type Rest = Readonly<Record<string, unknown>>;

/** A CustomResourceDefinition of crds/, with the parts that are read. It is applied to clusters unchanged. */
export interface CustomResourceDefinition {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: Rest & { readonly name: string };
  readonly spec: Rest & {
    readonly group: string;
    readonly names: Rest & { readonly kind: string; readonly plural: string };
    readonly versions: readonly (Rest & {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    })[];
  };
}
