namespace Dedupe.Surfacing;

/// <summary>How much a state changes, in per cent: the published formula of the monitoring systems that people come from.</summary>
/// <remarks>
/// The method is Nagios Core's (manual, "Detection and Handling of State Flapping"): between the last 21 states there are 20 possible
/// transitions, the newer of them weigh more, and their sum is a percentage. The weights are Icinga 2's (manual, "Check Flapping"): 0.80 for
/// the oldest, 0.02 more for each that is newer, 1.18 for the newest; so are the thresholds. (Nagios' source weighs from 0.75 to 1.25; its
/// manual says only that newer ones weigh more.)
/// </remarks>
public static class FlapFormula
{
    /// <summary>In per cent: above the one it flaps, until it is not above the other.</summary>
    public const double High = 30, Low = 25;

    public const int Transitions = 20;

    /// <summary>Weights in hundredths: whole numbers, so that what is exactly at a threshold is not above it.</summary>
    private const int NewestWeight = 118, WeightStep = 2;

    /// <summary>Per cent state change, 0 to 99.</summary>
    /// <param name="changed">A bit a transition, the lowest the newest; set where the state changed.</param>
    public static double Percent(uint changed)
    {
        var hundredths = 0;
        for (var i = 0; i < Transitions; i++)
            if ((changed >> i & 1) != 0) hundredths += NewestWeight - WeightStep * i;
        return hundredths / (double)Transitions;
    }
}
