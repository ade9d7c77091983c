pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import "../controls"
import "../theme"

// A page to read: calm, with an officer to call, an emergency, or a duty by law. A final one ends the visit.
Page {
    id: page

    readonly property var body: Bridge.state.body
    readonly property string look: body.look ?? "calm"
    readonly property bool isFinal: body.final === true
    readonly property bool sideBySide: !page.upright && !Theme.enlarged
    readonly property string desk: Bridge.site.desk[Words.language] ?? ""

    hasNext: isFinal || Bridge.state.can_next
    nextIcon: isFinal ? "check" : "arrow-right"
    nextText: Words.text(isFinal ? "notice_page.finish" : "button.next")
    nextTouch: isFinal ? "finish" : "next"
    spacing: Theme.mm(7.5)
    titleIcon: look === "officer" ? "shield" : look === "legal" ? "scale" : ""
    titleIconColour: Theme.accent

    EmergencyNumber {
        visible: page.look === "emergency"
        width: parent.width
    }
    Loader {
        active: !!page.body.status
        visible: active
        width: parent.width

        sourceComponent: StatusCard {
            status: page.body.status
        }
    }
    Statement {
        needsSignOff: page.body.needs_sign_off === true
        paragraphs: page.body.paragraphs ?? []
        signOff: Words.text("privacy.sign_off")
        visible: paragraphs.length > 0 || needsSignOff
        width: parent.width
    }
    CallCard {
        calm: page.look !== "emergency"
        visible: page.body.can_call_officer === true && Bridge.state.offers_officer
        width: parent.width
    }
    StepLine {
        iconName: "shield"
        text: Words.text("notice_page.desk") + " " + page.desk
        visible: page.look === "officer" && page.desk !== "" && Bridge.state.offers_officer
        width: parent.width
    }
    GridLayout {
        columnSpacing: Theme.gap
        columns: page.sideBySide && entries.count > 1 ? 2 : 1
        rowSpacing: Theme.gap
        uniformCellWidths: true
        visible: entries.count > 0
        width: parent.width

        Repeater {
            id: entries

            model: page.body.entries ?? []

            EntryCard {
                required property var modelData

                Layout.fillHeight: true
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                entry: modelData
            }
        }
    }
    Card {
        visible: (page.body.code ?? "") !== ""
        width: parent.width

        KeepOnPhone {
            help: Words.text("notice_page.code_help")
            say: Words.text("notice_page.code_say")
            title: Words.text("notice_page.code_title")
            width: parent.width
        }
    }
}
