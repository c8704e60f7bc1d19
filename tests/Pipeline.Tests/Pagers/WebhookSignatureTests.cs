using System.Security.Cryptography;
using System.Text;
using Pipeline.Pagers;
using Xunit;

namespace Pipeline.Tests.Pagers;

public sealed class WebhookSignatureTests
{
    /// <summary>Source: the sign test that every reference library of github.com/standard-webhooks/standard-webhooks carries.</summary>
    [Fact]
    public void The_published_example_has_the_published_signature() =>
        Assert.Equal(
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
            WebhookPager.Sign(
                WebhookPager.KeyOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"),
                "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}"""u8));

    [Fact]
    public void A_secret_without_the_prefix_stands_for_its_own_bytes() =>
        Assert.Equal(
            "v1," + Convert.ToBase64String(HMACSHA256.HashData("sésame"u8, Encoding.UTF8.GetBytes("pg_1.7.{}"))),
            WebhookPager.Sign(WebhookPager.KeyOf("sésame"), "pg_1", 7, "{}"u8));

    [Fact]
    public void A_prefixed_secret_that_is_not_base64_is_refused() =>
        Assert.Throws<ArgumentException>(() => WebhookPager.KeyOf("whsec_not base64!"));
}
