export { defineContract, type Contract, type RequestContract, type RoomContract } from "./contract.ts";
export type {
  AsJson,
  HandledParamsOf,
  HandledResultOf,
  MethodOf,
  NoContract,
  ParamsOf,
  ResultOf,
  RoomTypes,
  RoomTypesOf,
  UndeclaredMethod,
} from "./contract-types.ts";
export { RoomPatterns } from "./room-patterns.ts";
export type { InputOf, OutputOf, SchemaIssue, SchemaResult, StandardSchema } from "./standard-schema.ts";
