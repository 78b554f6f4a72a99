import type { Contract, RequestContract, RoomContract } from "./contract.ts";
import type { InputOf, OutputOf, StandardSchema } from "./standard-schema.ts";

/** Nothing is declared: whatever JSON can say goes. */
export interface NoContract {
  readonly rooms?: undefined;
  readonly requests?: undefined;
}

/** What goes into a room and comes out of it. */
export interface RoomTypes {
  readonly publish: unknown;
  readonly message: unknown;
  readonly set: unknown;
  readonly state: unknown;
  readonly signal: unknown;
  readonly signalled: unknown;
}

/** A value as it arrives: a `Date` is the string that its `toJSON` made; bytes are bytes. */
export type AsJson<Value> = 0 extends 1 & Value
  ? Value
  : Value extends Uint8Array
    ? Value
    : Value extends { toJSON(): infer Text }
      ? AsJson<Text>
      : Value extends object
        ? { [Key in keyof Value]: AsJson<Value[Key]> }
        : Value;

type Given<Schema> = Schema extends StandardSchema ? InputOf<Schema> : unknown;
type Made<Schema> = Schema extends StandardSchema ? AsJson<OutputOf<Schema>> : unknown;

type RoomsOf<C extends Contract> = C extends { readonly rooms: infer Rooms } ? Rooms : Record<never, never>;

/** The names that a pattern fits. */
type NameOf<Pattern> = Pattern extends `${infer Beginning}*` ? `${Beginning}${string}` : Pattern;

type Fitting<Patterns, Name extends string> = Patterns extends unknown
  ? Name extends NameOf<Patterns>
    ? Patterns
    : never
  : never;

/** Of patterns that fit one name, the one whose names all others fit, too. */
type Longest<Patterns, All = Patterns> = Patterns extends unknown
  ? [Wider<Patterns, All>] extends [never]
    ? Patterns
    : never
  : never;
type Wider<Pattern, Others> = Others extends unknown
  ? NameOf<Pattern> extends NameOf<Others>
    ? never
    : Others
  : never;

type RoomOf<C extends Contract, Name extends string> =
  RoomsOf<C> extends infer Rooms ? Rooms[Longest<Fitting<keyof Rooms, Name>> & keyof Rooms] : never;

/** Of a name that is known as a `string` only, nothing is known before the server looks. */
export type RoomTypesOf<C extends Contract, Name extends string> = [RoomOf<C, Name>] extends [never]
  ? RoomTypes
  : TypesOf<RoomOf<C, Name>>;

interface TypesOf<Room> {
  readonly publish: Given<SchemaIn<Room, "message">>;
  readonly message: Made<SchemaIn<Room, "message">>;
  readonly set: Given<SchemaIn<Room, "state">>;
  readonly state: Made<SchemaIn<Room, "state">>;
  readonly signal: Given<SchemaIn<Room, "signal">>;
  readonly signalled: Made<SchemaIn<Room, "signal">>;
}
type SchemaIn<Declared, Part extends keyof RoomContract | keyof RequestContract> =
  Declared extends Readonly<Record<Part, infer Schema>> ? Schema : undefined;

type RequestsOf<C extends Contract> = C extends { readonly requests: infer Requests }
  ? Requests
  : Record<never, never>;

/** The methods that are declared. */
export type MethodOf<C extends Contract> = keyof RequestsOf<C> & string;

/** Any method where none is declared, else none: what is declared is all there is. */
export type UndeclaredMethod<C extends Contract> = [MethodOf<C>] extends [never] ? string : never;

/** What a page gives. */
export type ParamsOf<C extends Contract, Method extends MethodOf<C>> = Given<
  SchemaIn<RequestsOf<C>[Method], "params">
>;

/** What a page gets. */
export type ResultOf<C extends Contract, Method extends MethodOf<C>> = Made<
  SchemaIn<RequestsOf<C>[Method], "result">
>;

/** What a handler is given. */
export type HandledParamsOf<C extends Contract, Method extends MethodOf<C>> =
  SchemaIn<RequestsOf<C>[Method], "params"> extends infer Schema extends StandardSchema
    ? OutputOf<Schema>
    : unknown;

/** What a handler answers. */
export type HandledResultOf<C extends Contract, Method extends MethodOf<C>> = Given<
  SchemaIn<RequestsOf<C>[Method], "result">
>;
