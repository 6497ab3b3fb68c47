declare module 'resolve-protobuf-schema' {
  export interface ProtoField {
    readonly name: string;
    readonly type: string;
    readonly tag: number;
    readonly repeated: boolean;
    readonly oneof: string | null;
  }
  export interface ProtoMessage {
    readonly name: string;
    readonly fields: readonly ProtoField[];
  }
  export interface ProtoSchema {
    readonly messages: readonly ProtoMessage[];
  }
  const resolve: { sync(path: string): ProtoSchema };
  export default resolve;
}
