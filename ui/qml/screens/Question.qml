pragma ComponentBehavior: Bound
import QtQuick
import "../controls"
import "../theme"

// A page that asks: one idea, mostly one field.
Page {
    id: page

    readonly property var body: Bridge.state.body

    SecondaryButton {
        iconName: "scan-text"
        objectName: "button:scan_instead"
        text: Words.text("button.scan_instead")
        visible: page.body.can_scan === true
        width: parent.width

        onAct: Bridge.visit.touch("scan_instead")
    }
    Repeater {
        id: fields

        model: Bridge.visit.fields

        FieldView {
            alone: fields.count === 1
            pageTitle: page.title
            width: page.contentWidth

            onWantsSight: item => page.scroller.reveal(item, null)
        }
    }
}
