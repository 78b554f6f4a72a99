import { describeProjectionContract } from "@parlor/testkit";

const module = new URL("./support/sqlite-projection-subject.ts", import.meta.url);

describeProjectionContract({ name: "SqliteProjection", module, isLasting: true });
describeProjectionContract({ name: "SqliteProjection in memory", module, isLasting: false });
