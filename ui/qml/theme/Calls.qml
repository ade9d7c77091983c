pragma Singleton
import QtQml

// What is said of the call of an officer, in any language: only what is true of it now.
QtObject {
    readonly property string state: Bridge.state.officer_call
    readonly property bool reach: Bridge.state.calls_reach
    readonly property bool lasting: state !== "none"
    readonly property bool lost: !reach && state !== "answered"
    readonly property string icon: lost ? "triangle-alert" : state === "answered" ? "shield" : "bell-ring"

    // How the call stands.
    function said(tag: string): string {
        if (lost)
            return wayTo(tag, state === "calling" ? "call.lost" : "call.away");
        return Words.spoken(tag, state === "answered" ? "call.answered" : "call.called");
    }

    // A sentence, and how to reach the desk instead, as far as this site says.
    function wayTo(tag: string, first: string): string {
        const desk = Bridge.site.desk[tag] ?? "";
        const phone = Bridge.site.deskPhone;
        const sentences = [Words.spoken(tag, first)];
        if (desk !== "")
            sentences.push(Words.put(Words.spoken(tag, "call.go"), {
                "desk": desk
            }));
        if (phone !== "")
            sentences.push(Words.put(Words.spoken(tag, "call.ring"), {
                "phone": phone
            }));
        return sentences.join(tag === "en" ? " " : "");
    }
}
