/** JSON Schemas of the table, as far as those who generate from them look inside. */

export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly example?: unknown;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

/** The shape of a field: of the items when it is a list, without null when it may be that. @param field empty for the whole; with points between, a field of a field */
export function partOf(schema: JsonSchema, field: string): JsonSchema {
  if (field === '') return schema;
  const [first, ...rest] = field.split('.');
  if (rest.length > 0) return partOf(partOf(schema, first!), rest.join('.'));
  const found = schema.properties?.[field];
  const shape = found?.items ?? found?.anyOf?.find(({ type }) => type !== 'null') ?? found;
  if (!shape) throw new Error(`no output has the field ${field}`);
  return shape;
}

/** What makes two shapes the same. */
export const looksOf = ({ properties, required }: JsonSchema): string => JSON.stringify({ properties, required });
