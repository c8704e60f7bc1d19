using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Pipeline.Tests.Deciding;

/// <summary>How many bytes of objects something holds, counted along their fields: the same on every run, whatever else the process does.</summary>
internal static class Reachable
{
    private static readonly Dictionary<Type, FieldInfo[]> Fields = [];
    private static readonly Dictionary<Type, int> Sizes = [];
    private static readonly Dictionary<Type, long> Objects = [];
    private static readonly MethodInfo SizeOf = typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!;

    public static long Bytes(object root)
    {
        var (bytes, seen, left) = (0L, new HashSet<object>(ReferenceEqualityComparer.Instance), new Stack<object>());
        Visit(root);
        while (left.TryPop(out var one))
        {
            bytes += Shallow(one);
            if (one is Array array)
            {
                var element = array.GetType().GetElementType()!;
                if (!element.IsPrimitive && !element.IsEnum)
                    foreach (var item in (IEnumerable)array) Follow(item, element);
            }
            else if (one is not string) Inside(one, one.GetType());
        }
        return bytes;

        void Visit(object? value)
        {
            // The process's own, not ours.
            if (value is null or Type or Delegate or Assembly or IComparer or Lock || !seen.Add(value)) return;
            if (value.GetType().Namespace is "System.Text.Json" or "System.Text.RegularExpressions" || value.GetType().Name.Contains("Comparer", StringComparison.Ordinal)) return;
            left.Push(value);
        }

        void Follow(object? value, Type declared)
        {
            if (value is null) return;
            if (declared.IsValueType) Inside(value, value.GetType());
            else Visit(value);
        }

        void Inside(object value, Type type)
        {
            foreach (var field in Of(type)) Follow(field.GetValue(value), field.FieldType);
        }
    }

    private static long Shallow(object one) => one switch
    {
        string text => Aligned(22 + (2 * text.Length)),
        Array array => Aligned(24 + ((long)array.Length * Size(array.GetType().GetElementType()!))),
        _ => OfOne(one.GetType()),
    };

    /// <summary>An object of a class, without what it refers to.</summary>
    public static long OfOne(Type type) =>
        Objects.TryGetValue(type, out var known) ? known : Objects[type] = Aligned(16 + All(type).Sum(f => (long)Size(f.FieldType)));

    private static int Size(Type type) => Sizes.TryGetValue(type, out var known) ? known
        : Sizes[type] = type.IsValueType ? (int)SizeOf.MakeGenericMethod(type).Invoke(null, null)! : 8;

    private static long Aligned(long bytes) => (bytes + 7) / 8 * 8;

    private static IEnumerable<FieldInfo> All(Type type) => type.BaseType is { } parent
        ? All(parent).Concat(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)) : [];

    /// <summary>The fields that lead on.</summary>
    private static FieldInfo[] Of(Type type)
    {
        if (Fields.TryGetValue(type, out var known)) return known;
        return Fields[type] = [.. All(type).Where(f => !f.FieldType.IsPrimitive && !f.FieldType.IsEnum && !f.FieldType.IsPointer)];
    }
}
