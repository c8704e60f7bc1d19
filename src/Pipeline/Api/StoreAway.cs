using Pipeline.Hosting;

namespace Pipeline.Api;

/// <summary>A question whose answer lies in a store that cannot be reached: 503 with the reason, and worth asking again.</summary>
internal static class StoreAway
{
    public static void Answer(RouteGroupBuilder routes) => routes.AddEndpointFilter(async (call, next) =>
    {
        try
        {
            return await next(call);
        }
        catch (Exception e) when (Outside.Is(e))
        {
            return Answers.Unavailable(call.HttpContext, $"the store cannot be asked: {Outside.Line(e)}; ask again");
        }
    });
}
