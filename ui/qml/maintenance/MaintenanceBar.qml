import QtQuick
import "../controls"
import "../theme"

// The same in the same place on every page: language, contrast, how long until it leaves by itself, and the way out.
Rectangle {
    id: bar

    readonly property int side: Theme.mm(8.8)
    readonly property bool counting: Bridge.state.seconds > 0

    readonly property bool flat: width > Theme.mm(400)

    color: counting ? Theme.cautionSoft : Theme.surface
    implicitHeight: leave.implicitHeight + 2 * Theme.mm(flat ? 3.3 : 6)

    Rectangle {
        color: Theme.divider
        height: Theme.hairline
        width: parent.width
    }
    Row {
        id: ways

        anchors.left: parent.left
        anchors.leftMargin: bar.side
        anchors.verticalCenter: parent.verticalCenter
        spacing: Theme.gap

        BarButton {
            flat: bar.flat
            height: leave.height
            iconName: "languages"
            objectName: "bar:language"
            say: Words.text("bar.language_say")
            text: Words.text("bar.language")
            width: Math.max(Theme.mm(40), implicitWidth)

            onAct: Bridge.visit.nextLanguage()
        }
        BarButton {
            flat: bar.flat
            height: leave.height
            iconName: "contrast"
            objectName: "bar:contrast"
            say: Words.text("bar.contrast_say")
            text: Words.text("bar.contrast")
            width: Math.max(Theme.mm(40), implicitWidth)

            onAct: Bridge.comfort.toggleContrast()
        }
    }
    Label {
        Accessible.role: Accessible.AlertMessage
        anchors.left: parent.left
        anchors.leftMargin: bar.side + ways.width + Theme.gap
        anchors.right: leave.left
        anchors.rightMargin: Theme.gap
        anchors.verticalCenter: parent.verticalCenter
        bold: true
        color: Theme.caution
        even: true
        horizontalAlignment: Text.AlignHCenter
        objectName: "label:idle"
        size: Theme.smallText
        text: Words.fill("maintenance.bar.idle", {
            "seconds": Bridge.state.seconds
        })
        visible: bar.counting
    }
    BarButton {
        id: leave

        anchors.right: parent.right
        anchors.rightMargin: bar.side
        anchors.verticalCenter: parent.verticalCenter
        flat: bar.flat
        iconName: "log-out"
        objectName: "bar:leave"
        outline: Theme.barOutline
        say: Words.text("maintenance.bar.leave_say")
        text: Words.text("maintenance.bar.leave")
        width: Math.max(Theme.mm(44), implicitWidth)

        onAct: Bridge.visit.leave()
    }
}
