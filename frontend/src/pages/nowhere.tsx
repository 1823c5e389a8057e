import { Heading } from "../parts/heading";
import { Link, hrefOf } from "../router";

export function NowherePage() {
  return (
    <>
      <Heading title="There is no such page" />
      <p class="lead">
        The address may be mistyped. <Link href={hrefOf({ page: "services" })}>All services</Link> are a good place to go on.
      </p>
    </>
  );
}
